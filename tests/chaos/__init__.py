"""A campaign that disturbs every stage of a very small project: `make chaos`."""
