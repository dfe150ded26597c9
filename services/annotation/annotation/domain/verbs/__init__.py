"""What each verb makes of an object: small functions that give the fields it changes, or refuse."""
