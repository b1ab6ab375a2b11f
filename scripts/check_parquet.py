"""Compares a Parquet file of features with the .npy of the same pictures, in the common readers of Parquet.

    afterimage embed runs/mine pictures --out features.parquet
    afterimage embed runs/mine pictures --out features.npy
    python scripts/check_parquet.py features.parquet features.npy

Needs pyarrow, pandas, duckdb and polars. The exit status is 1 when a reader finds another type than a list of
float32, another number, or another name than features.names.json. It is also 1 when the file is more than 5 %
and 64 kB larger than the numbers.
"""

import argparse
import json
import os
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


def read_pyarrow(path: str) -> tuple[list[str], np.ndarray, str]:
    table = pq.read_table(path)
    column = table["features"].combine_chunks()
    rows = column.flatten().to_numpy().reshape(len(column), -1)
    kind = column.type
    assert kind.equals(pa.list_(pa.float32())), f"the type is {kind}"
    return table["name"].to_pylist(), rows, str(kind)


def read_pandas(path: str) -> tuple[list[str], np.ndarray, str]:
    frame = pd.read_parquet(path)
    rows = np.stack(frame["features"])
    assert rows.dtype == np.float32, f"the type is {rows.dtype}"
    return list(frame["name"]), rows, f"arrays of {rows.dtype}"


def read_duckdb(path: str) -> tuple[list[str], np.ndarray, str]:
    kind = str(duckdb.sql(f"select features from '{path}'").types[0])
    assert kind == "FLOAT[]", f"the type is {kind}"
    names, rows = zip(*duckdb.sql(f"select name, features from '{path}'").fetchall())
    return list(names), np.array(rows, dtype=np.float32), kind


def read_polars(path: str) -> tuple[list[str], np.ndarray, str]:
    frame = pl.read_parquet(path)
    kind = frame.schema["features"]
    assert kind == pl.List(pl.Float32), f"the type is {kind}"
    return frame["name"].to_list(), np.array(frame["features"].to_list(), dtype=np.float32), str(kind)


READERS = {"pyarrow": read_pyarrow, "pandas": read_pandas, "duckdb": read_duckdb, "polars": read_polars}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("parquet")
    parser.add_argument("npy")
    args = parser.parse_args()

    expected = np.load(args.npy)
    with open(args.npy.removesuffix(".npy") + ".names.json", encoding="utf-8") as file:
        names = json.load(file)["names"]
    failures = 0
    for reader, read in READERS.items():
        try:
            own, rows, kind = read(args.parquet)
            assert own == names, "other names than the .npy"
            assert rows.shape == expected.shape, f"{rows.shape} for {expected.shape}"
            assert np.array_equal(rows, expected), "other numbers than the .npy"
            print(f"{reader}: {kind}, {len(own)} rows, equal to the .npy")
        except Exception as problem:  # the test is whether the reader can read the file
            print(f"{reader}: {type(problem).__name__}: {problem}")
            failures += 1
    size = os.path.getsize(args.parquet)
    print(f"{size} bytes, {size / expected.nbytes:.3f} of the numbers alone")
    if size > 1.05 * expected.nbytes + 65_536:
        print("too large")
        failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
