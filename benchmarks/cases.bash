# What is measured. Sourced by run.
# shellcheck shell=bash disable=SC2034,SC2154 # the other files set and use the rest

declare -A groups=(
    [plain]="psql1 psql2 psql4 file azurite"
    [index]="psql1-index1 file-index1 psql1-index3 file-index3"
    [rejects]="psql1 file rejects"
    [small]="small-psql small"
    [formats]="psql1 file jsonlines parquet"
    [camel]="psql1 camel"
    [pgloader]="psql1 pgloader"
    [citus]="citus-psql citus citus-coordinator citus-any citus-azurite"
)

# What each case is compared with.
declare -A reference=(
    [psql1]=psql1 [psql2]=psql1 [psql4]=psql1 [file]=psql1 [azurite]=psql1 [rejects]=psql1 [camel]=psql1 [pgloader]=psql1
    [jsonlines]=psql1 [parquet]=psql1
    [psql1-index1]=psql1-index1 [psql2-index1]=psql1-index1 [file-index1]=psql1-index1 [azurite-index1]=psql1-index1
    [psql1-index3]=psql1-index3 [psql2-index3]=psql1-index3 [file-index3]=psql1-index3 [azurite-index3]=psql1-index3
    [small-psql]=small-psql [small]=small-psql
    [citus-psql]=citus-psql [citus]=citus-psql [citus-coordinator]=citus-psql [citus-any]=citus-psql [citus-azurite]=citus-psql
)

bad_every=100
rows_a_small_file=200
small_sample=500
camel_rows=50000

url_of() { # CASE
    case $1 in
        citus*) printf '%s' "$citus" ;;
        *) printf '%s' "$url" ;;
    esac
}

# The files are the same for the same arguments, so they are made once.
generate() { # FILE ARGUMENT...
    if [ ! -e "$1" ]; then
        echo "generating ${1##*/}" >&2
        rm -rf "$1.new"
        java "$home/benchmarks/Generate.java" "$2" "$3" "$1.new" "${@:4}"
        mv "$1.new" "$1"
    fi
}

# The rows of the CSV file in another format, made once too.
convert() { # CASE FILE
    local csv=$cache/plain-$rows.csv
    generate "$csv" "$rows" 0
    [ ! -e "$2" ] || return 0
    echo "converting ${csv##*/} to ${2##*/}" >&2
    case $1 in
        jsonlines) json_lines "$csv" > "$2.new" ;;
        parquet) parquet "$csv" "$2.new" ;;
    esac
    mv "$2.new" "$2"
}

# No field of the generated rows has a comma, a quote or a backslash in it.
json_lines() { # CSV
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
        { for (i = 1; i <= NF; i++) {
              quote = $i ~ /^[0-9]+$/ ? "" : "\""
              printf "%s\"%s\":%s%s%s", i == 1 ? "{" : ",", name[i], quote, $i, quote
          }
          print "}" }' "$1"
}

parquet() { # CSV PARQUET
    local duckdb
    duckdb=$(find "$HOME/.m2/repository/org/duckdb" -name 'duckdb_jdbc-*.jar' 2> /dev/null | sort | tail -n 1)
    [ -n "$duckdb" ] || die "there is no DuckDB to write Parquet with: run mvn test-compile, which downloads it"
    java -cp "$duckdb" "$home/benchmarks/Parquet.java" "$1" "$2"
}

file_of() { # CASE
    case $1 in
        rejects) printf '%s' "$cache/bad-$rows.csv" ;;
        small*) printf '%s' "$cache/small-$files" ;;
        camel) printf '%s' "$cache/plain-$(rows_measured camel).csv" ;;
        jsonlines) printf '%s' "$cache/plain-$rows.jsonl" ;;
        parquet) printf '%s' "$cache/plain-$rows.parquet" ;;
        *) printf '%s' "$cache/plain-$rows.csv" ;;
    esac
}

rows_measured() { # CASE: that are in the table when it has ended
    case $1 in
        rejects) printf '%s' $((rows - rows / bad_every)) ;;
        small) printf '%s' $((files * rows_a_small_file)) ;;
        small-psql) printf '%s' $(((files < small_sample ? files : small_sample) * rows_a_small_file)) ;;
        camel) printf '%s' $((rows < camel_rows ? rows : camel_rows)) ;;
        *) printf '%s' "$rows" ;;
    esac
}

rows_of() { # CASE: that its line in the table is about
    case $1 in
        small*) printf '%s' $((files * rows_a_small_file)) ;;
        *) printf '%s' "$rows" ;;
    esac
}

bytes_of() { # CASE
    case $1 in
        small*) find "$cache/small-$files" -name '*.csv' -printf '%s\n' 2> /dev/null | awk '{ sum += $1 } END { print sum + 0 }' ;;
        rejects | jsonlines | parquet) stat -L -c %s "$(file_of "$1")" 2> /dev/null || echo 0 ;;
        *) stat -L -c %s "$cache/plain-$rows.csv" 2> /dev/null || echo 0 ;;
    esac
}

scale_of() { # CASE
    awk -v all="$(rows_of "$1")" -v some="$(rows_measured "$1")" -v name="$1" \
        'BEGIN { print name == "rejects" ? 1 : all / some }'
}

# prepare_data CASE: its files, and the parts of those that are loaded by several streams.
prepare_data() {
    local file streams
    file=$(file_of "$1")
    case $1 in
        rejects) generate "$file" "$rows" "$bad_every" ;;
        small*) generate "$file" $((files * rows_a_small_file)) 0 "$rows_a_small_file" ;;
        jsonlines | parquet) convert "$1" "$file" ;;
        *) generate "$file" "$(rows_measured "$1")" 0 ;;
    esac
    case $1 in
        psql[24]*)
            streams=${1:4:1}
            rm -f "$scratch/part-$streams-"*
            split -n "l/$streams" -d -a 1 "$file" "$scratch/part-$streams-"
            ;;
        file* | jsonlines | parquet | rejects | camel | citus | citus-coordinator | citus-any)
            workspace "$1"
            mkdir -p "$scratch/$1/incoming"
            ln -s "$file" "$scratch/$1/incoming/requests.csv"
            ;;
        azurite* | citus-azurite)
            workspace "$1"
            [[ " ${stored[*]:-} " == *" plain="* ]] || stored+=("plain=$file")
            ;;
        small)
            workspace "$1"
            stored+=("small=$file")
            ;;
    esac
}

# workspace CASE: the folder in which citus-ingest is run for it, as a user has one.
workspace() {
    local route=$1
    case $1 in
        file* | jsonlines | parquet | citus | citus-coordinator | citus-any) route='file' ;;
        *azurite*) route=azurite ;;
    esac
    mkdir -p "$scratch/$1/routes"
    cp "$home/application.properties" "$scratch/$1"
    cp "$home/benchmarks/routes/$route.camel.yaml" "$scratch/$1/routes"
}

entry_of() { # CASE
    case $1 in
        citus-coordinator | citus-any) printf '%s' "${1#citus-}" ;;
        *) printf auto ;;
    esac
}

format_of() { # CASE
    case $1 in
        jsonlines) printf jsonLines ;;
        parquet) printf parquet ;;
        *) printf delimited ;;
    esac
}

create_table() { # CASE
    echo "DROP TABLE IF EXISTS $schema.http_request, $schema.mark;
        CREATE TABLE $schema.mark (at timestamptz);
        CREATE TABLE $schema.http_request (site_id int, ingest_time timestamptz, url text, request_country text,
            ip_address text, status_code int, response_time_msec int) WITH (autovacuum_enabled = false);"
    case $1 in
        citus*) echo "SELECT 1 FROM create_distributed_table('$schema.http_request', 'site_id', shard_count => 32);" ;;
        *-index[13]) echo "CREATE INDEX ON $schema.http_request (site_id, ingest_time);" ;;&
        *-index3) echo "CREATE INDEX ON $schema.http_request (ingest_time);
            CREATE INDEX ON $schema.http_request (status_code, response_time_msec);" ;;
    esac
}

# The ledger knows what it has loaded: the loads of a benchmark are taken out of it, and no others.
forget_loads() { # URL
    if [ "$(sql "$1" -c "SELECT to_regclass('citus_ingest.load') IS NOT NULL")" = t ]; then
        sql "$1" -c "DELETE FROM citus_ingest.reject WHERE load_id IN (SELECT id FROM citus_ingest.load WHERE pipeline LIKE 'benchmark-%')" \
            -c "DELETE FROM citus_ingest.batch WHERE load_id IN (SELECT id FROM citus_ingest.load WHERE pipeline LIKE 'benchmark-%')" \
            -c "DELETE FROM citus_ingest.load WHERE pipeline LIKE 'benchmark-%'"
    fi
}

reset_case() { # CASE
    local database
    database=$(url_of "$1")
    create_table "$1" | sql "$database" -f - > /dev/null
    forget_loads "$database"
    if [ "$database" = "$url" ]; then
        database=${admin:-$url}
    fi
    # A given database may not let its user do this.
    sql "$database" -c CHECKPOINT 2> /dev/null || true
}

start_case() { # CASE
    case $1 in
        psql[24]*) start_streams "$1" ;;
        psql1* | citus-psql) client copy_file "$(url_of "$1")" "$(file_of "$1")" "format csv, header" ;;
        small-psql) client copy_each "$(file_of "$1")" ;;
        pgloader) client load_by_pgloader "$(file_of "$1")" ;;
        *) client load "$1" ;;
    esac
}

copy_file() { # URL FILE OPTIONS
    exec psql -X -q -v ON_ERROR_STOP=1 -d "$1" -c "\\copy $schema.http_request from '$2' with ($3)"
}

start_streams() { # CASE
    local part options="format csv, header"
    for part in "$scratch/part-${1:4:1}-"*; do
        client copy_file "$url" "$part" "$options"
        options="format csv"
    done
}

copy_each() { # FOLDER
    local file left=$small_sample
    for file in "$1"/*.csv; do
        (copy_file "$url" "$file" "format csv, header") || return 1
        left=$((left - 1))
        [ $left -gt 0 ] || break
    done
}

load_by_pgloader() { # FILE
    exec pgloader --type csv --with "skip header = 1" --with "fields terminated by ','" "$1" \
        "$url?tablename=$schema.http_request"
}

load() { # CASE
    local database
    database=$(url_of "$1")
    cd "$scratch/$1" || return 1
    CITUS_URL=$(jdbc_url "$database") CITUS_USER=$(user_of "$database") CITUS_PASSWORD=$(password_of "$database")
    # A start asks for a storage account, though a route without blobs connects to none.
    AZURE_STORAGE_CONNECTION_STRING=${connection_string:-UseDevelopmentStorage=true}
    BENCHMARK_ENTRY=$(entry_of "$1") BENCHMARK_FORMAT=$(format_of "$1")
    export CITUS_URL CITUS_USER CITUS_PASSWORD AZURE_STORAGE_CONNECTION_STRING BENCHMARK_ENTRY BENCHMARK_FORMAT
    exec "$app" load
}

check_rows() { # CASE
    local found wanted
    found=$(sql "$(url_of "$1")" -c "SELECT count(*) FROM $schema.http_request")
    wanted=$(rows_measured "$1")
    [ "$found" = "$wanted" ] || die "$1 loaded $found rows and not $wanted: $(tail -n 3 "$scratch/client.log")"
}

# Sets own to what the load itself took, without the start of the process; - where nobody says so.
own_milliseconds() { # CASE
    local query=''
    case $1 in
        psql* | citus-psql | pgloader) return ;;
        small-psql) own=$ms && return ;;
        camel) query="SELECT max(at) - min(at) AS time FROM $schema.mark" ;;
        *) query="SELECT max(finished_at) - min(started_at) AS time FROM citus_ingest.load WHERE pipeline LIKE 'benchmark-%'" ;;
    esac
    own=$(sql "$(url_of "$1")" -c "SELECT round(extract(epoch FROM time) * 1000) FROM ($query) AS own")
}
