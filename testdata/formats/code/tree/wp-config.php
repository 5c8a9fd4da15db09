<?php
define( 'DB_PASSWORD', 'adm<~>in' );
define( 'NONCE_SALT', 'v|K8;q]R+3w<Z@m}0 Tn$,y{H5^e>uP/4!s*B~9&jL#2%xD?c=7`G-f(6)aWo<~>X1.' );
define( 'AUTH_SALT', 'put your unique phrase here' );
