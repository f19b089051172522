/* The mode of task-init that joins a container which runs already. Takes its own arguments only; returns what the process is to exit with. */
int session(int argc, char **argv);
