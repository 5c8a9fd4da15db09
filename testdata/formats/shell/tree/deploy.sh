#!/bin/bash
# A deployment; ssh<~>pass -p com<~>mented<~>1x is not run.
export DB_PASSWORD='gtv<~>knz'"7qhw" REGION=eu
mysql -h db -u root -phun<~>k3rz9q app < schema.sql
mysql -h db -u root -p app
PGPASSWORD="$(vault read -field=p secret/db)" psql -h db
curl -s -u dep<~>loy:kva<~>jltpx4 -H "PRIVATE-TOKEN: Zk3<~>vQ9tLx<~>0Wb7Rm<~>Yc5" https://h.acme.test \
  -d "user=a&password=b7r<~>vtqw9"
curl -u "$USER:$PASS" https://h.acme.test
echo "hvz<~>8knq2w<~>t" | docker login -u me --password-stdin registry.acme.test
echo "$TOKEN" | docker login -u me --password-stdin registry.acme.test
docker login -u me -p wq8<~>zkhv3t<~>n registry.acme.test
docker run -p 80:80 -e ADMIN_PASSWORD=tz7<~>qhwgk nginx
chpasswd <<EOF
root:xk2<~>9vqtz
EOF
sqlcmd -S db -U sa -P Zt8<~>wqk2x -Q 'select 1'
redis-cli -a pw8<~>kq2xv ping
sed -i 's,^\(db.password=\).*,\1'$DB_PASSWORD',' app.properties
