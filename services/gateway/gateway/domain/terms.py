"""The terms of use, which must be accepted to sign up."""

VERSION = "2026-11"
TEXT = """\
Terms of use

1. Your account is yours alone. Keep your password secret; you are responsible for everything done with your account.
2. Upload only files that you have the rights to. People who can be recognized in them must have agreed, or the law \
must allow it.
3. Your files and labels remain yours. They are processed for labeling, detection and export only. The members of a \
project can see everything in it.
4. Every edit is kept in the project's history with your name and the time, so that your team can review \
and undo it.
5. Do not try to access other people's projects, disrupt the service, or hide harmful content in files.
6. The service is provided as is. Export your data if you need your own copy.
7. You may leave at any time: ask the operator of this installation to delete your account.
"""
