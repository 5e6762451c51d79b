"""What consumes: sources that tell, change by change, what the mains are to be."""
