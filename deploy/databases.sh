#!/usr/bin/env bash
# Run by PostgreSQL's image on an empty volume: a database and a user for each service, who can open no other's.
set -euo pipefail

for service in queue appointment patient payment; do
  variable="${service^^}_DB_PASSWORD"
  # psql reads the password from its environment and quotes it: it is on no command line and breaks no statement.
  SERVICE="$service" PASSWORD="${!variable}" psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv name SERVICE
\getenv password PASSWORD
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
