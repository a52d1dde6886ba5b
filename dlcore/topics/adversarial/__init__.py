"""How a network is fooled by changes that nobody sees, how often, why, and what helps against it."""
