#!/bin/sh
set -eu
curl --hea<~>der 'X-Tok<~>en: ghp<~>_cFt95<~>2TyKP7<~>ddtaDg<~>V2KHCY<~>397vJo<~>j2mRL7<~>p' htt<~>ps://jobs.shop.int<~>ernal/run
curl --hea<~>der 'X-Tok<~>en: ghp<~>_cFt95<~>2TyKP7<~>ddtaDg<~>V2KHCY<~>397vJo<~>j2mRL7<~>p' htt<~>ps://jobs.shop.int<~>ernal/run
curl --hea<~>der 'X-Tok<~>en: ghp<~>_cFt95<~>2TyKP7<~>ddtaDg<~>V2KHCY<~>397vJo<~>j2mRL7<~>p' htt<~>ps://jobs.shop.int<~>ernal/run
	curl --hea<~>der 'X-Tok<~>en: ghp<~>_cFt95<~>2TyKP7<~>ddtaDg<~>V2KHCY<~>397vJo<~>j2mRL7<~>p' htt<~>ps://jobs.shop.int<~>ernal/run
echo done