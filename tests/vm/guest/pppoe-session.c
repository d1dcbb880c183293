/* pppoe-session DEVICE PEER-MAC SESSION: one end of a PPPoE session, without discovery or negotiation.
 *
 * Makes a ppp interface whose packets travel over DEVICE to PEER-MAC under that session number, prints its
 * name and keeps it until killed. What the kernel does with the packets is the same as after a real dial-in
 * by pppd's rp-pppoe plugin, of which this is the last step (linux/if_pppox.h, linux/ppp-ioctl.h). */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>
#include <linux/ppp_defs.h>

static int check(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static void let_through(int interface, int protocol)
{
	struct npioctl mode = { .protocol = protocol, .mode = NPMODE_PASS };

	check(ioctl(interface, PPPIOCSNPMODE, &mode), "PPPIOCSNPMODE");
}

int main(int argc, char **argv)
{
	struct sockaddr_pppox address = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE };
	unsigned char *mac = address.sa_addr.pppoe.remote;
	int session, channel, channel_number, interface, unit = -1;

	if (argc != 4 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6) {
		fprintf(stderr, "usage: pppoe-session DEVICE PEER-MAC SESSION\n");
		return 2;
	}
	strncpy(address.sa_addr.pppoe.dev, argv[1], IFNAMSIZ - 1);
	address.sa_addr.pppoe.sid = htons(atoi(argv[3]));

	session = check(socket(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE), "socket");
	check(connect(session, (void *)&address, sizeof(address)), "connect");
	check(ioctl(session, PPPIOCGCHAN, &channel_number), "PPPIOCGCHAN");

	channel = check(open("/dev/ppp", O_RDWR), "/dev/ppp");
	check(ioctl(channel, PPPIOCATTCHAN, &channel_number), "PPPIOCATTCHAN");
	interface = check(open("/dev/ppp", O_RDWR), "/dev/ppp");
	check(ioctl(interface, PPPIOCNEWUNIT, &unit), "PPPIOCNEWUNIT");
	check(ioctl(channel, PPPIOCCONNECT, &unit), "PPPIOCCONNECT");
	let_through(interface, PPP_IP);
	let_through(interface, PPP_IPV6);

	printf("ppp%d\n", unit);
	fflush(stdout);
	pause();
	return 0;
}
