"""Service Quotas of Bedrock.

request_quota.py  the remedy and its action
rows.py           which row limits a model
"""
