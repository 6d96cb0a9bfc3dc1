"""Speed and memory beside other engines: ``python -m benchmarks`` measures all of them.

`problems` has the numbers of every workload, `engines` one module for each engine
(how its users would write the workloads), `functions` and `cases` what is compiled,
`timing`, `memory` and `programs` the measuring, `report` the tables. To add an engine,
write its module and list it in `engines`.
"""
