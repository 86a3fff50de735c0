"""Transfer: do attacks on one network turn another one too?"""
