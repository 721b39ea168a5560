"""The public value of social outcomes contracts: from reported outcomes to pounds."""
