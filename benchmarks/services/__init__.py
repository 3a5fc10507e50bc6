"""Services that nobody here wrote: what they survive, and what each rule would have rented."""
