# Pub<~>lishes the ins<~>taller
par<~>am([str<~>ing]$Ver<~>sion)
$hea<~>ders = @{
	Aut<~>horiza<~>tion = "tok<~>en ghp<~>_1W8z6<~>alX89U<~>k5Myqc<~>42g4FJ<~>v05ix1<~>L0d9kS<~>w"
	Acc<~>ept = "app<~>licati<~>on/json"
}
Inv<~>oke-Res<~>tMetho<~>d -Uri "htt<~>ps://api.git<~>hub.com/rep<~>os/shop/des<~>ktop/rel<~>eases" -Hea<~>ders $hea<~>ders
