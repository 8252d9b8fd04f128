"""What the planner learns from: generated sentences, the journal of instructions, adapters."""
