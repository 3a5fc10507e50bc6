"""What keeps a load from doing harm: allowed hosts, caps on users and rate, and a stop switch."""
