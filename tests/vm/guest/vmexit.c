/* vmexit STATUS: waits until the serial ports are drained and ends QEMU through its isa-debug-exit device.
 *
 * QEMU's exit status becomes STATUS * 2 + 1. Without the device the machine powers off. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#define DEBUG_EXIT_PORT 0xf4

static void drain(const char *port)
{
	int fd = open(port, O_WRONLY | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		tcdrain(fd);
}

int main(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : 0;

	drain("/dev/ttyS0");
	drain("/dev/ttyS1");
	if (ioperm(DEBUG_EXIT_PORT, 1, 1) == 0)
		outb(status & 0x7f, DEBUG_EXIT_PORT);
	reboot(RB_POWER_OFF);
	return 1;
}
