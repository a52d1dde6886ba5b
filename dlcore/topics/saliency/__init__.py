"""Why a network said what it said: methods that give every pixel its share of a score, and ways to test them."""
