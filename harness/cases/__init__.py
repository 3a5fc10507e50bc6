"""Cases: both sides of one run as real runs, and the page that the reports write from them."""
