"""What a catalogue is asked, a module for each kind of question, as functions of its source.

Answers are plain values in the words of docs/json.md. `archive.catalogue` is the way in to all.
"""
