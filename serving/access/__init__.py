"""Who may call: keys, sessions of the page, rates, and the door where they are checked."""
