$secure = ConvertTo-SecureString "hvz<~>8knq2w<~>t" -AsPlainText -Force
$other = ConvertTo-SecureString $env:PASS -AsPlainText -Force
