CREATE ROLE app LOGIN PASSWORD 'gtv<~>knz7qh<~>w';
ALTER ROLE old PASSWORD 'md50cc<~>175b9c<~>0f1b6a<~>831c39<~>9e2697<~>72661';
COMMENT ON COLUMN users.password IS 'the word';
