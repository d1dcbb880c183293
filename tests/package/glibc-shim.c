/*
 * Lets musl's loader take Debian's libnftnl and libmnl, which were built for glibc, so that the very binary of
 * the package can be run where no OpenWrt is at hand. Tests only. On a router both libraries are musl's.
 *
 * Without headers: it is compiled for processors whose headers are not installed.
 */
typedef __builtin_va_list va_list;
typedef __SIZE_TYPE__ size_t;

int vfprintf(void *stream, const char *format, va_list arguments);
int vsnprintf(char *text, size_t size, const char *format, va_list arguments);

unsigned long __stack_chk_guard = 0x2d1b4e93;

int __fprintf_chk(void *stream, int flag, const char *format, ...)
{
	va_list arguments;

	(void)flag;
	__builtin_va_start(arguments, format);
	int written = vfprintf(stream, format, arguments);
	__builtin_va_end(arguments);
	return written;
}

int __snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list arguments;

	(void)flag;
	(void)room;
	__builtin_va_start(arguments, format);
	int written = vsnprintf(text, size, format, arguments);
	__builtin_va_end(arguments);
	return written;
}
