# htt<~>ps://dev<~>eloper.has<~>hicorp.com/ter<~>raform/lan<~>guage/val<~>ues/var<~>iables
var<~>iable "db_<~>passwo<~>rd" {
  type      = str<~>ing
  sen<~>sitive = true
  def<~>ault   = "red<~>st4rt"
}
var<~>iable "adm<~>in_cod<~>e" {
  sen<~>sitive = true
  def<~>ault   = "bul<~>lf1nch"
}
var<~>iable "tok<~>en" {}
pro<~>vider "acme" {
  tok<~>en = var.tok<~>en
}
res<~>ource "aws<~>_db_in<~>stance" "main" {
  use<~>rname = "adm<~>in"
  pas<~>sword = "n1g<~>htinga<~>le" # cha<~>nged by hand
  tags     = { Name = "db" }
}
res<~>ource "aws<~>_ssm_p<~>aramet<~>er" "pin" {
  name  = "/shop/pin"
  type  = "Sec<~>ureStr<~>ing"
  val<~>ue = "ch4<~>ffinch"
}
res<~>ource "aws<~>_secre<~>tsmana<~>ger_se<~>cret_v<~>ersion" "db" {
  sec<~>ret_id     = aws<~>_secre<~>tsmana<~>ger_se<~>cret.db.id
  sec<~>ret_st<~>ring = jso<~>nencod<~>e({ user = "adm<~>in", pas<~>sword = "f1e<~>ldfare" })
}
data "aws<~>_secre<~>tsmana<~>ger_se<~>cret_v<~>ersion" "api" {
  sec<~>ret_id = "shop/api-key-7f3<~>a9c"
}
loc<~>als {
  db_<~>url = "pos<~>tgres://app:w4x<~>wing77@db/app"
  sec<~>ret = data.aws<~>_secre<~>tsmana<~>ger_se<~>cret_v<~>ersion.api.sec<~>ret_st<~>ring
}
