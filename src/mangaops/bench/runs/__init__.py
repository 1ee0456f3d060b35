"""A run: what each call was like, the file that keeps it, and the store of such files.

    sample.py       one call, and the header of the run that it belongs to
    run_file.py     a run as JSON lines: the format, strict reading
    run_header.py   its first line; run_samples.py, the calls; run_lines.py, the errors with
                    their lines
    writer.py       writing one: append only, for one writer, resumed after an interruption
    store.py        the runs of a directory or an S3 prefix, which are the two places.py
    frames.py       runs as a pandas DataFrame, for notebooks

Rule: what is in a file was measured. Nothing derived is stored, and what is damaged or of
another version is refused by file and line.
"""
