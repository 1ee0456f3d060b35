"""Speed, as ratios against what was measured in the same run: `make bench`."""
