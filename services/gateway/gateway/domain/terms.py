"""The terms of use, which must be accepted to sign up."""

VERSION = "2026-11"
TEXT = """\
Terms of use

1. Your account is yours alone. Keep the password secret; you answer for what is done with it.
2. Upload only what you may upload: you hold the rights, and the people who can be recognised in it have agreed or \
the law allows it.
3. What you upload and what you label stays yours. It is processed here for labeling, detection and export, and for \
nothing else. Members of a project see everything in it.
4. Every edit is kept in the project's history with your name and the time, so that a team can see and undo what \
happened.
5. Do not try to reach other people's projects, to break the service or to hide harmful content in files.
6. The service is offered as it is. Export your data when you need a copy of your own.
7. You may leave at any time: ask the operator of this installation to delete your account.
"""
