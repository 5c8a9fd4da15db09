pac<~>kage ids

// Com<~>mit that int<~>roduce<~>d the for<~>mat.
con<~>st com<~>mit = "27f<~>cc1715<~>2272ec<~>924358<~>a2f15c<~>7c830a<~>7b5111<~>5"

con<~>st nam<~>espace = "6ba<~>7b810-9dad-11d1-80b4-00c<~>04fd43<~>0c8"
