"""What came after an action: one practice held beside others, kinds of action pooled, a programme as a whole."""
