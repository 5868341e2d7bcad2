"""The lab that records the shipped captures: real servers and a phone in network namespaces."""
