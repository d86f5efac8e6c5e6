# Creating and joining a vault, its set-up, backup sheets, policy.
