"""Did it work? What came after actions, beyond regression to the mean and what happened everywhere."""
