"""What all texts together say: which documents they mean, what is in force, what runs out."""
