"""Door boards: relays that release doors, and where the board has them, the inputs that tell."""
