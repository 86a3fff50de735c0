"""Collection: the tables and arrays that stages hand on: tracks, groups, splits and segments."""
