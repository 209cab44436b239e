/* The program that the exec loop runs. */
int main(void)
{
	return 0;
}
