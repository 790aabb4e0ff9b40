"""Hours of use: does the serving process grow?"""
