"""A package, so that files of one name in different folders are different modules."""
