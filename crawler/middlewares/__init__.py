"""The crawler's manners (R19) as Scrapy downloader middlewares."""
