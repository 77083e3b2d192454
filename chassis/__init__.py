"""What every service needs, and no clinic word in it."""
