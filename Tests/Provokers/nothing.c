/* nothing: what the exec provokers become. */
int main(void)
{
	return 0;
}
