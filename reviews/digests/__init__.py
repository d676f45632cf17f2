"""What one person gets for one week: its period, its value, its words, and how it is sent."""
