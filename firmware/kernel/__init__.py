"""A cooperative RTOS kernel: tasks, scheduler, timers, signals and mailboxes, budgets, schedulability analysis.

The kernel is sans-IO. It never reads a clock: `Kernel.run` is told the monotonic instant each time it goes on.
"""
