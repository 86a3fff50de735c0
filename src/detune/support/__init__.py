"""Support: files, errors, progress bars and processes; nothing here shapes a result but files."""
