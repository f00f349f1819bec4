// The web front as a process of its own comes with the cluster; until then the embedded host has it.
Console.Error.WriteLine("Run ./platform up: the embedded host has silo and web front together.");
return 1;
