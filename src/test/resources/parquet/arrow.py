"""Writes arrow.parquet, in encodings that DuckDB does not write, and plain.parquet with the same rows."""

import datetime as dt
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 300


def column(value):
    """One value a row, and NULL in every fifth."""
    return [None if row % 5 == 3 else value(row) for row in range(ROWS)]


START = dt.datetime(1969, 12, 31, 23, 59, 30)
SPACING = dt.timedelta(seconds=7, microseconds=123_456)
columns = {
    "prefixes": pa.array(column(lambda i: "site/%04d/äpage" % (i // 7)), pa.string()),
    "lengths": pa.array(column(lambda i: "x" * (i % 11)), pa.string()),
    "fixed": pa.array(column(lambda i: b"%06d" % (i * 37)), pa.binary(6)),
    "ints": pa.array(column(lambda i: (i * 2654435761) % 2**32 - 2**31), pa.int32()),
    "longs": pa.array(column(lambda i: (-1) ** i * 3**37 // (i + 1)), pa.int64()),
    "near": pa.array(column(lambda i: i * 1000 + i % 3), pa.int64()),
    "split_ints": pa.array(column(lambda i: i - 150), pa.int32()),
    "split_longs": pa.array(column(lambda i: (i - 150) * 10**15), pa.int64()),
    "split_floats": pa.array(column(lambda i: i / 7), pa.float32()),
    "split_doubles": pa.array(column(lambda i: -i / 7), pa.float64()),
    "split_decimals": pa.array(column(lambda i: decimal.Decimal(i - 150) / 100), pa.decimal128(30, 2)),
    "halves": pa.array(column(lambda i: i / 4), pa.float16()),
    "flags": pa.array(column(lambda i: i % 3 == 0), pa.bool_()),
    "unsigned": pa.array(column(lambda i: 2**64 - 1 - i), pa.uint64()),
    "days": pa.array(column(lambda i: dt.date(1969, 12, 1) + dt.timedelta(days=i)), pa.date32()),
    "millis": pa.array(column(lambda i: START + SPACING * i), pa.timestamp("ms")),
    "micros_utc": pa.array(column(lambda i: START + SPACING * i), pa.timestamp("us", "UTC")),
    "nanos": pa.array([None if i % 5 == 3 else i * 1_000_000_789 for i in range(ROWS)], pa.timestamp("ns")),
    "time_millis": pa.array(column(lambda i: dt.time(i % 24, i % 60, 1, 5000)), pa.time32("ms")),
    "time_micros": pa.array(column(lambda i: dt.time(i % 24, i % 60, 1, i)), pa.time64("us")),
    "nothing": pa.nulls(ROWS),
    "lists": pa.array(column(lambda i: [None if j == 2 else j for j in range(i % 4)]), pa.list_(pa.int32())),
    "lists_of_lists": pa.array(
        column(lambda i: [["%d" % j] * (j % 3) for j in range(i % 4)]), pa.list_(pa.list_(pa.string()))
    ),
    "maps": pa.array(column(lambda i: [("k%d" % j, j / 2) for j in range(i % 3)]), pa.map_(pa.string(), pa.float64())),
    "structs": pa.array(
        column(lambda i: {"a": i, "b": {"c": None if i % 2 else "\"q\"\n", "d": [{"e": i}] * (i % 3)}}),
        pa.struct(
            [
                ("a", pa.int32()),
                ("b", pa.struct([("c", pa.string()), ("d", pa.list_(pa.struct([("e", pa.int64())])))])),
            ]
        ),
    ),
}
pq.write_table(pa.table(columns), "plain.parquet", compression="zstd")
pq.write_table(
    pa.table(columns),
    "arrow.parquet",
    row_group_size=200,
    data_page_version="2.0",
    data_page_size=700,
    write_batch_size=50,
    write_page_checksum=True,
    compression="zstd",
    use_dictionary=False,
    version="2.6",
    column_encoding={
        "prefixes": "DELTA_BYTE_ARRAY",
        "lengths": "DELTA_LENGTH_BYTE_ARRAY",
        "fixed": "DELTA_BYTE_ARRAY",
        "ints": "DELTA_BINARY_PACKED",
        "longs": "DELTA_BINARY_PACKED",
        "near": "DELTA_BINARY_PACKED",
        "split_ints": "BYTE_STREAM_SPLIT",
        "split_longs": "BYTE_STREAM_SPLIT",
        "split_floats": "BYTE_STREAM_SPLIT",
        "split_doubles": "BYTE_STREAM_SPLIT",
        "split_decimals": "BYTE_STREAM_SPLIT",
        "flags": "RLE",
    },
)
