<?php
$apiToken = 'c7W<~>dT2m' . "Zx9<~>Lk4VbR<~>8u";
define('DB_PASSWORD', 'hvz<~>8knq2w<~>t');
