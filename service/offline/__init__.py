"""What can be done without a database, settings or a data folder."""
