"""What is asked of downstream systems."""
