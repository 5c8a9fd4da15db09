db_<~>passwo<~>rd = "sky<~>l4rk55"
reg<~>ion      = "eu-west-1"
